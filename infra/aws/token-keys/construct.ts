import { CustomResource, Duration, RemovalPolicy, SecretValue } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import * as secrets from "aws-cdk-lib/aws-secretsmanager";
import * as ssm from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";
import { keyIdParameter, publicKeysParameter } from "../names.ts";

/**
 * The ES256 keys of access tokens, made in AWS when the stack is: the private one a secret, the public half in
 * parameters. Parameters and not exports, since an export cannot change while another stack uses it.
 * @param code folder of the bundled handler
 * @returns the secret: the private key's PEM, in base64
 */
export function addTokenKeys(scope: Construct, code: string): secrets.Secret {
  const maker = new lambda.Function(scope, "TokenKeyMaker", {
    description: "Makes the keys of access tokens, when the stack is made",
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    handler: "index.handler",
    code: lambda.Code.fromAsset(code),
    timeout: Duration.seconds(30),
    logGroup: new logs.LogGroup(scope, "TokenKeyMakerLog", {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    }),
  });
  const keys = new CustomResource(scope, "TokenKeyPair", {
    resourceType: "Custom::TokenKeyPair",
    serviceToken: maker.functionArn,
    serviceTimeout: Duration.minutes(2),
  });
  const parameter = (id: string, parameterName: string, attribute: string) =>
    new ssm.StringParameter(scope, id, { parameterName, stringValue: keys.getAttString(attribute) });
  parameter("TokenPublicKeys", publicKeysParameter, "PublicKeys");
  parameter("TokenKeyId", keyIdParameter, "KeyId");
  return new secrets.Secret(scope, "TokenPrivateKey", {
    description: "Encore: the private key by which access tokens are signed",
    secretStringValue: SecretValue.resourceAttribute(keys.getAttString("PrivateKey")),
  });
}
