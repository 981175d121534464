/**
 * Of a cover's bytes. A function gets at most 6 MiB of an event, in which they are base64: four thirds of their size, beside
 * the headers (AWS Lambda quotas, "Invocation payload").
 */
export const maxCoverBytes = 4 * 1024 * 1024;

/** The pictures that Encore makes covers of. */
export const coverContentTypes = ["image/jpeg", "image/png", "image/webp", "image/gif"] as const;
