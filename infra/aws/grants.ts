import type { Stack } from "aws-cdk-lib";
import type * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as s3 from "aws-cdk-lib/aws-s3";
import type { TableName } from "../../core/aws/tables.ts";
import type { Access, TableAction } from "./access.ts";
import { tablePrefix } from "./names.ts";

export type GrantedStores = {
  readonly tables: Readonly<Record<TableName, dynamodb.ITableV2>>;
  readonly bucket: s3.IBucket;
};

/** Lets a role do what its access names, and answers the variables by which its code finds it. */
export function grantStores(
  { grantPrincipal }: iam.IGrantable,
  { tables, objects = {}, mayListObjects }: Access,
  { tables: made, bucket }: GrantedStores,
): Record<string, string> {
  const allow = (actions: readonly string[], ...resources: string[]) =>
    grantPrincipal.addToPrincipalPolicy(new iam.PolicyStatement({ actions: [...actions], resources }));

  for (const [name, actions] of Object.entries(tables) as [TableName, readonly TableAction[]][])
    grantTable(allow, made[name].tableArn, actions);
  for (const [prefix, actions] of Object.entries(objects))
    allow(
      actions.map((action) => `s3:${action}`),
      bucket.arnForObjects(`${prefix}/*`),
    );
  if (mayListObjects) allow(["s3:ListBucket"], bucket.bucketArn);
  return {
    ...(Object.keys(tables).length > 0 && { TABLE_PREFIX: tablePrefix }),
    ...(Object.keys(objects).length > 0 && { MUSIC_BUCKET: bucket.bucketName }),
  };
}

function grantTable(
  allow: (actions: readonly string[], ...resources: string[]) => void,
  tableArn: string,
  actions: readonly TableAction[],
): void {
  const ofTable = actions.filter((action) => !action.includes("#"));
  const indexes = actions.flatMap((action) => action.split("#")[1] ?? []);
  if (ofTable.length > 0)
    allow(
      ofTable.map((action) => `dynamodb:${action}`),
      tableArn,
    );
  if (indexes.length > 0) allow(["dynamodb:Query"], ...indexes.map((index) => `${tableArn}/index/${index}`));
}

/** `@connections` of one stage of the WebSocket API: to post to sessions, and to end them. */
export const manageConnections = (stack: Stack, apiId: string, stage: string): iam.PolicyStatement =>
  new iam.PolicyStatement({
    actions: ["execute-api:ManageConnections"],
    resources: ["POST", "DELETE"].map((method) =>
      stack.formatArn({
        service: "execute-api",
        resource: apiId,
        resourceName: `${stage}/${method}/@connections/*`,
      }),
    ),
  });
