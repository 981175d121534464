import helmet from "@fastify/helmet";
import fp from "fastify-plugin";

export type SecurityHeaderOptions = {
  /** Whether clients come over HTTPS: then they are told to stay there. */
  readonly secure: boolean;
  /** The origins of the player's page. */
  readonly origins: readonly string[];
  /** WebSocket URLs beside this origin, like API Gateway's. */
  readonly liveUrls: readonly string[];
  /** Where audio comes from beside this origin. */
  readonly mediaOrigins: readonly string[];
};

/** W3C Secure Contexts §3.1: elsewhere browsers take no opener policy, and complain of it in their console. */
const isTrustworthy = (origin: string): boolean =>
  /^(https:|http:\/\/(127(\.\d+){3}|localhost|\[::1\])(:\d+)?$)/.test(origin);

/** OWASP ASVS 5.0, 3.4: nothing but our own files runs, and no other page shows ours. */
export const securityHeaders = fp<SecurityHeaderOptions>(
  async (app, { secure, origins, liveUrls, mediaOrigins }) => {
    await app.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          baseUri: ["'none'"],
          objectSrc: ["'none'"],
          frameAncestors: ["'none'"],
          formAction: ["'self'"],
          imgSrc: ["'self'", "data:"],
          // Howler lets go of a song by giving its element a moment of silence.
          mediaSrc: ["'self'", "data:", ...mediaOrigins],
          connectSrc: ["'self'", ...new Set(liveUrls.map((url) => new URL(url).origin))],
          ...(secure && { upgradeInsecureRequests: [] }),
        },
      },
      strictTransportSecurity: secure ? { maxAge: 63_072_000, includeSubDomains: true } : false,
      crossOriginOpenerPolicy: origins.every(isTrustworthy),
      referrerPolicy: { policy: "same-origin" },
    });
  },
  { name: "security-headers" },
);
