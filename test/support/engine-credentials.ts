/** The keys of embedded engines that tests start by themselves, unless the environment names others. */
export const testCredentials = {
  accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? "test-key",
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? "test-secret",
};
