import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { until } from "../support/until.ts";

export type NginxOptions = {
  /** A folder of its own. */
  readonly folder: string;
  /** The IP address to listen at and to be certified for. */
  readonly address: string;
  readonly port: number;
  /** Where the same is offered with nginx's own buffering, which the recipe turns off. */
  readonly bufferingPort: number;
  /** Where Encore listens. */
  readonly upstream: number;
};

export type Nginx = {
  /** The certificate to trust (PEM). */ readonly certificate: string;
  stop(): Promise<void>;
};

/** The recipe of docs/self-hosting.md as it is, for these ports, with a certificate that is made now. */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const { folder, address, port } = options;
  await mkdir(folder, { recursive: true });
  const [certificate, key] = [join(folder, "certificate.pem"), join(folder, "key.pem")];
  await promisify(execFile)("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...[
      "-subj",
      "/CN=Encore",
      "-addext",
      `subjectAltName=IP:${address}`,
      "-keyout",
      key,
      "-out",
      certificate,
    ],
  ]);
  const recipe = await readRecipe();
  const [map = "", server = ""] = recipe.split(/^(?=server)/m);
  const filled = server
    .replaceAll(/ssl_certificate_key .*;/g, `ssl_certificate_key ${key};`)
    .replaceAll(/ssl_certificate .*;/g, `ssl_certificate ${certificate};`)
    .replace("http://127.0.0.1:8080", `http://127.0.0.1:${options.upstream}`);
  const at = (listenPort: number, text: string) => text.replace("listen 443 ssl", `listen ${listenPort} ssl`);
  const buffering = at(options.bufferingPort, filled).replace(/^ *proxy_buffering off;\n/m, "");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  const file = join(folder, "nginx.conf");
  await writeFile(
    file,
    [
      `pid ${join(folder, "nginx.pid")}; daemon off; master_process off; error_log ${join(folder, "error.log")};`,
      `events {} http { access_log off; ${temporary.join(" ")}`,
      ...[map, at(port, filled), buffering, "}"],
    ].join("\n"),
  );
  const nginx = spawn("nginx", ["-c", file, "-p", folder], { stdio: ["ignore", "inherit", "inherit"] });
  const exited = once(nginx, "exit");
  await until("nginx listens", () => isOpen(port));
  return {
    certificate: await readFile(certificate, "utf8"),
    stop: async () => {
      nginx.kill("SIGTERM");
      await exited;
    },
  };
}

async function readRecipe(): Promise<string> {
  const page = await readFile(join(import.meta.dirname, "..", "..", "docs", "self-hosting.md"), "utf8");
  const found = /```nginx\n(.*?)```/s.exec(page)?.[1];
  if (!found) throw new Error("docs/self-hosting.md has no recipe for nginx");
  return found;
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
