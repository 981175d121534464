import type { Stack } from "aws-cdk-lib";
import type * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as s3 from "aws-cdk-lib/aws-s3";
import type { TableName } from "../../core/aws/tables.ts";
import type { Access, TableAction } from "./access.ts";
import { tablePrefix } from "./names.ts";

export type Stores = {
  readonly tables: Readonly<Record<TableName, dynamodb.ITableV2>>;
  readonly bucket: s3.IBucket;
};

/** Lets a role do what its access names, and answers the variables by which its code finds it. */
export function grantStores(
  role: iam.IGrantable,
  { tables, objects }: Access,
  stores: Stores,
): Record<string, string> {
  for (const [name, actions] of Object.entries(tables) as [TableName, readonly TableAction[]][])
    role.grantPrincipal.addToPrincipalPolicy(tableStatement(stores.tables[name].tableArn, actions));
  if (!objects) return { TABLE_PREFIX: tablePrefix };
  role.grantPrincipal.addToPrincipalPolicy(
    new iam.PolicyStatement({
      actions: objects.actions.map((action) => `s3:${action}`),
      resources: objects.prefixes.map((prefix) => stores.bucket.arnForObjects(`${prefix}/*`)),
    }),
  );
  return { TABLE_PREFIX: tablePrefix, MUSIC_BUCKET: stores.bucket.bucketName };
}

function tableStatement(tableArn: string, actions: readonly TableAction[]): iam.PolicyStatement {
  const indexes = actions.includes("Query") ? [`${tableArn}/index/*`] : [];
  return new iam.PolicyStatement({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [tableArn, ...indexes],
  });
}

/** `@connections` of one stage of the WebSocket API. */
export const manageConnections = (stack: Stack, apiId: string, stage: string): iam.PolicyStatement =>
  new iam.PolicyStatement({
    actions: ["execute-api:ManageConnections"],
    resources: [
      stack.formatArn({
        service: "execute-api",
        resource: apiId,
        resourceName: `${stage}/*/@connections/*`,
      }),
    ],
  });
