import { createAccountStore } from "../../core/aws/account-store.ts";
import { createDatabase } from "../../core/aws/clients.ts";
import { dynamoDbConfig, readAwsConfig } from "../../core/aws/config.ts";
import { createConnectionStore } from "../../core/aws/connection-store.ts";
import { createEndpointStore } from "../../core/aws/endpoint-store.ts";
import { createPlaybackStore } from "../../core/aws/playback-store.ts";
import { createSessionStore } from "../../core/aws/session-store.ts";
import { createSongStore } from "../../core/aws/song-store.ts";
import { createStreamSlotStore } from "../../core/aws/stream-slot-store.ts";
import { createSubscriptionStore } from "../../core/aws/subscription-store.ts";
import { createTicketStore } from "../../core/aws/ticket-store.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { systemClock } from "../../core/domain/shared/system-clock.ts";

export type Stores = ReturnType<typeof createStores>;

/** The ports of a node on DynamoDB. */
export function createStores(env: Environment) {
  const database = createDatabase(readAwsConfig(env).tablePrefix, dynamoDbConfig(env));
  return {
    accounts: createAccountStore(database),
    connections: createConnectionStore(database, systemClock),
    endpoints: createEndpointStore(database),
    playback: createPlaybackStore(database),
    sessions: createSessionStore(database),
    slots: createStreamSlotStore(database),
    songs: createSongStore(database),
    subscriptions: createSubscriptionStore(database),
    tickets: createTicketStore(database),
  };
}
