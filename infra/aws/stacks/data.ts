import { Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as s3 from "aws-cdk-lib/aws-s3";
import * as secrets from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import {
  type IndexDefinition,
  type Key,
  physicalTableName,
  type TableDefinition,
  type TableName,
  tables,
} from "../../../core/aws/tables.ts";
import { tablePrefix } from "../names.ts";
import { addTokenKeys } from "../token-keys/construct.ts";

export type DataStackProps = StackProps & {
  /** Whose pages may put parts of uploads straight into the bucket. */
  readonly publicUrl: string;
  /** The folder of the bundled maker of token keys. */
  readonly tokenKeysCode: string;
};

/** What must outlive every other stack: tables, bucket, keys. */
export class DataStack extends Stack {
  readonly tables: Readonly<Record<TableName, dynamodb.ITableV2>>;
  readonly bucket: s3.IBucket;
  /** PEM in base64. */
  readonly tokenPrivateKey: secrets.Secret;
  /** What a node's management API asks for. */
  readonly managementSecret: secrets.Secret;
  /** By what the functions know that a request came through the edge. */
  readonly edgeSecret: secrets.Secret;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, { terminationProtection: true, ...props });
    const made = tables.map((table) => [table.name, addTable(this, table)]);
    this.tables = Object.fromEntries(made) as Record<TableName, dynamodb.ITableV2>;
    this.bucket = addBucket(this, props.publicUrl);
    this.tokenPrivateKey = addTokenKeys(this, props.tokenKeysCode);
    this.managementSecret = addSecret(this, "ManagementSecret", "what a node's management API asks for");
    this.edgeSecret = addSecret(this, "EdgeSecret", "what the edge sends to the API along with each request");
  }
}

const addBucket = (scope: Construct, publicUrl: string): s3.IBucket =>
  new s3.Bucket(scope, "Music", {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    encryption: s3.BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(2) }],
    cors: [
      {
        allowedMethods: [s3.HttpMethods.PUT],
        allowedOrigins: [publicUrl],
        allowedHeaders: ["content-type"],
        exposedHeaders: ["etag"],
      },
    ],
  }) as s3.IBucket;

const addSecret = (scope: Construct, id: string, purpose: string): secrets.Secret =>
  new secrets.Secret(scope, id, {
    description: `Encore: ${purpose}`,
    generateSecretString: { passwordLength: 48, excludePunctuation: true },
  });

const addTable = (scope: Construct, table: TableDefinition): dynamodb.ITableV2 =>
  new dynamodb.TableV2(scope, `Table-${table.name}`, {
    tableName: physicalTableName(tablePrefix, table.name),
    ...keysOf(table),
    billing: dynamodb.Billing.onDemand(),
    encryption: dynamodb.TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
    globalSecondaryIndexes: table.globalIndexes.map(toGlobalIndex),
    localSecondaryIndexes: table.localIndexes.flatMap(toLocalIndex),
    ...(table.ttlAttribute && { timeToLiveAttribute: table.ttlAttribute }),
    ...(table.stream && { dynamoStream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES }),
  }) as dynamodb.ITableV2;

const toAttribute = ({ name, type }: Key): dynamodb.Attribute => ({
  name,
  type: type === "N" ? dynamodb.AttributeType.NUMBER : dynamodb.AttributeType.STRING,
});

const keysOf = ({ partitionKey, sortKey }: Pick<TableDefinition, "partitionKey" | "sortKey">) => ({
  partitionKey: toAttribute(partitionKey),
  ...(sortKey && { sortKey: toAttribute(sortKey) }),
});

const toGlobalIndex = (index: IndexDefinition) => ({ indexName: index.name, ...keysOf(index) });

const toLocalIndex = ({ name, sortKey }: IndexDefinition) =>
  sortKey ? [{ indexName: name, sortKey: toAttribute(sortKey) }] : [];
