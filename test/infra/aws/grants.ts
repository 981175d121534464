import type { Template } from "aws-cdk-lib/assertions";
import type { Access, TableAction } from "../../../infra/aws/access.ts";
import { properties } from "./templates.ts";

type Statement = {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
};

/** The statements of a role's own policies. */
export const statementsOf = (template: Template, role: string): Statement[] =>
  properties(template, "AWS::IAM::Policy")
    .filter(({ Roles }) => (Roles as { Ref: string }[]).some(({ Ref }) => Ref === role))
    .flatMap(({ PolicyDocument }) => (PolicyDocument as { Statement: Statement[] }).Statement);

/**
 * What a role may do, one line an action and a resource: `login.GetItem`, `session#byUser.Query`, `audio/.GetObject`,
 * `bucket.ListBucket`, `stream of login.GetRecords`; anything else as its action.
 */
export const grantsOf = (template: Template, role: string): string[] => [
  ...new Set(
    statementsOf(template, role).flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((resource) => describe(action, resource))),
    ),
  ),
];

function describe(action: string, resource: unknown): string {
  const [service, name] = action.split(":");
  const text = JSON.stringify(resource);
  if (service === "dynamodb") return `${tableOf(text)}.${name}`;
  if (service !== "s3") return action;
  const prefix = /Music[0-9A-F]{8}Arn.*?\/(\w+)\/\*/.exec(text)?.[1];
  return prefix ? `${prefix}/.${name}` : `bucket.${name}`;
}

function tableOf(text: string): string {
  const [, table = text, attribute] = /Table([a-z]+)[0-9A-F]{8}(Arn|StreamArn)/.exec(text) ?? [];
  if (attribute === "StreamArn") return `stream of ${table}`;
  const rest = /"\/(index|stream)\/([\w*]+)"/.exec(text);
  if (rest?.[1] === "index") return `${table}#${rest[2]}`;
  return rest ? `stream of ${table}` : table;
}

/** The same lines, from what `access.ts` says. */
export const grantsIn = ({ tables, objects = {}, mayListObjects }: Access): string[] => [
  ...Object.entries(tables).flatMap(([table, actions]) => actions.map((action) => lineOf(table, action))),
  ...Object.entries(objects).flatMap(([prefix, actions]) => actions.map((action) => `${prefix}/.${action}`)),
  ...(mayListObjects ? ["bucket.ListBucket"] : []),
];

function lineOf(table: string, action: TableAction): string {
  const [name, index] = action.split("#");
  return index ? `${table}#${index}.${name}` : `${table}.${name}`;
}
