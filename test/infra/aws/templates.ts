import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import { createCdkApp } from "../../../infra/aws/app.ts";
import { type FunctionName, functionNames } from "../../../infra/aws/bundle.ts";

export type Resource = {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
};

export type Templates = Readonly<Record<"data" | "front" | "functions" | "server", Template>> & {
  readonly terminationProtected: boolean;
};

/** The templates of all stacks, with empty code; bundles have tests of their own. */
export async function synthesise(): Promise<Templates> {
  const folder = await mkdtemp(join(tmpdir(), "encore-stacks-"));
  try {
    const app = createCdkApp({
      code: await emptyCode(folder),
      domainName: "encore.example",
      certificateArn: "arn:aws:acm:us-east-1:000000000000:certificate/x",
      alarmEmail: "ops@encore.example",
      outdir: join(folder, "out"),
    });
    return {
      data: Template.fromStack(app.data),
      front: Template.fromStack(app.front),
      functions: Template.fromStack(app.functions),
      server: Template.fromStack(app.server),
      terminationProtected: app.data.terminationProtection,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function emptyCode(folder: string) {
  const make = async (name: string) => {
    const path = join(folder, "code", name);
    await mkdir(path, { recursive: true });
    await writeFile(join(path, "index.mjs"), `export const name = "${name}";\n`);
    return path;
  };
  const paths = await Promise.all(functionNames.map(async (name) => [name, await make(name)] as const));
  return {
    functions: Object.fromEntries(paths) as Record<FunctionName, string>,
    tokenKeys: await make("token-keys"),
    server: await make("server"),
  };
}

export const resources = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.toJSON().Resources as Record<string, Resource>).filter(
    ([, resource]) => resource.Type === type,
  );
export const properties = (template: Template, type: string) =>
  resources(template, type).map(([, { Properties }]) => Properties);

/** The properties of the only resource of its type. */
export function theOnly(template: Template, type: string): Record<string, unknown> {
  const [found, ...others] = properties(template, type);
  if (!found || others.length > 0) throw new Error(`${others.length + (found ? 1 : 0)} resources of ${type}`);
  return found;
}

/** A function of `lambdas/` in the functions' template, by the name of its entry file. */
export function functionOf(template: Template, name: FunctionName): [string, Resource] {
  const pattern = new RegExp(`^${name.replaceAll("-", "")}[0-9A-F]{8}$`, "i");
  const found = resources(template, "AWS::Lambda::Function").find(([id]) => pattern.test(id));
  if (!found) throw new Error(`No function ${name}`);
  return found;
}

export function variablesOf(template: Template, name: FunctionName): Readonly<Record<string, unknown>> {
  const { Environment } = functionOf(template, name)[1].Properties;
  return (Environment as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {};
}

export function roleOf(template: Template, name: FunctionName): string {
  const { Role } = functionOf(template, name)[1].Properties;
  return (Role as { "Fn::GetAtt": [string, string] })["Fn::GetAtt"][0];
}
