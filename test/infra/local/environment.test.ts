import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { checkEnvironment } from "../../../infra/local/environment.ts";

/** A value that nobody can mean, for each variable of the README that has such. */
const nonsense: Readonly<Record<string, readonly string[]>> = {
  PORT: ["80800", "-1", "http", "1e3", "0x50", " "],
  PUBLIC_URL: [
    "encore.example",
    "encore.example:8080",
    "ftp://encore.example",
    "https://encore.example/music",
  ],
  ALLOWED_ORIGINS: ["encore.example", "https://encore.example/", "*"],
  DEMO_PASSWORD: ["short"],
  DEMO_TRACKS: ["many", "-1", "1.5"],
  AWS_ENDPOINT_URL_DYNAMODB: ["localhost:8000", "8000"],
  AWS_ENDPOINT_URL_DYNAMODB_STREAMS: ["localhost:8000"],
  AWS_ENDPOINT_URL_S3: ["s3", "file:///tmp"],
  AWS_REGION: ["no region"],
  TABLE_PREFIX: ["a/b"],
  MUSIC_BUCKET: ["A Bucket", "x"],
  AUDIO_CACHE_MIB: ["0", "lots", "99999999"],
  AUDIO_CACHE_DISK_MIB: ["0", "-5"],
  AUDIO_DELIVERY: ["pigeon"],
  WORKERS: ["none", "0"],
  MANAGEMENT_PORT: ["80800", "x"],
  MANAGEMENT_ADDRESS: ["10.0.0.5:9000", "https://"],
  ENDPOINT_NETWORKS: ["everywhere", "10.0.0.0/99", "10.0.0.0"],
  LIVE_NODE_URL: ["http://encore.example/live"],
  LIVE_GATEWAY_URL: ["encore.example"],
  TOKEN_PRIVATE_KEY: ["a key"],
  TOKEN_KEY_ID: ["alone"],
  TOKEN_PUBLIC_KEYS: ["{", '{"1":"no key"}'],
  MANAGEMENT_SECRET: ["short", "with a line\nend, and quite long"],
  EDGE_SECRET: ["ä", "line\nend"],
  THROTTLE_SCALE: ["-1", "fast"],
  UPLOAD_QUOTA_GIB: ["none", "0"],
  LOG_LEVEL: ["loud"],
  TRUSTED_PROXIES: ["proxy.example", "10.0.0.0/33", "10.0.0.0/x", "::1/200"],
};

/** What says no by itself when it is used, or may be anything. */
const others = [
  "HOST",
  "DATA_DIR",
  "MANAGEMENT_HOST",
  "AUDIO_CACHE_DIR",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
];

const keys = { TOKEN_PRIVATE_KEY: "x", TOKEN_KEY_ID: "1", TOKEN_PUBLIC_KEYS: "{}" };

describe("A variable that cannot be used", () => {
  it.each(
    Object.entries(nonsense).flatMap(([name, values]) => values.map((value) => [name, value] as const)),
  )("is named before anything begins: %s=%s", (name, value) => {
    const others = name.startsWith("TOKEN_") && value !== "alone" ? keys : {};
    expect(() => checkEnvironment({ ...others, [name]: value })).toThrow(new RegExp(`^[^\n]*${name}[^\n]*$`));
  });

  it("is never a secret that is told back", () => {
    expect(() => checkEnvironment({ DEMO_PASSWORD: "secret" })).toThrow(/^(?!.*secret)/);
  });

  it("is not one that is set to nothing", () => {
    checkEnvironment(Object.fromEntries([...Object.keys(nonsense), ...others].map((name) => [name, ""])));
  });

  it("is known for every variable of the README", async () => {
    const readme = await readFile("README.md", "utf8");
    const table = readme.slice(readme.indexOf("## Configuration"), readme.indexOf("## When something"));
    const rows = table.split("\n").filter((line) => line.startsWith("| `"));
    const named = rows.flatMap((row) => [...(row.split(" | ")[0] ?? "").matchAll(/`([A-Z0-9_]+)`/g)]);
    const documented = named.map(([, name = ""]) => name);
    expect(documented.filter((name) => !(name in nonsense) && !others.includes(name))).toEqual([]);
    expect(documented).toContain("TRUSTED_PROXIES");
  });

  it("is a port that two listeners are to share", () => {
    expect(() => checkEnvironment({ PORT: "8080", MANAGEMENT_PORT: "8080" })).toThrow(/MANAGEMENT_PORT/);
  });
});
