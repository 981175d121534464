import type { Environment } from "../../../core/domain/ports.ts";
import { environmentOf, startTestAws } from "../../support/engines.ts";
import { serve } from "../support/rpc.ts";
import { usage } from "../support/usage.ts";

/** DynamoDB and S3: what is elsewhere in AWS. */
const aws = await startTestAws();

serve(
  {
    /** How every other process reaches them. */
    environment: () =>
      ({
        ...environmentOf(aws),
      }) satisfies Environment,
    ...usage,
  },
  aws.close,
);
