import { backoff } from "../../core/aws/backoff.ts";
import { sessionAndAccount } from "../../core/domain/accounts/authentication.ts";
import type { AccountStore, SessionStore } from "../../core/domain/accounts/ports.ts";
import { createHoldBack } from "../../core/domain/entitlement/hold-back.ts";
import type { Log } from "../../core/domain/ports.ts";
import { systemClock as clock } from "../../core/domain/shared/system-clock.ts";
import { createHeldSlots, type HeldSlotsDeps } from "../entitlement/held-slots.ts";
import { createSongCache } from "../entitlement/song-cache.ts";
import { createStreamGrants } from "../entitlement/stream-grants.ts";
import type { LiveNode } from "../live/node.ts";
import { machineUptimeMs } from "./machine-uptime.ts";
import type { Stores } from "./stores.ts";

type EntitlementParts = {
  readonly stores: Pick<Stores, "slots" | "songs">;
  readonly loaders: {
    readonly accounts: Pick<AccountStore, "get">;
    readonly sessions: Pick<SessionStore, "get">;
  };
  readonly live: LiveNode;
  readonly aliveEndpoints: () => Promise<ReadonlySet<string>>;
  readonly log: Log;
};

/** Who may hear what: the stream slots that this node holds, the grants of responses under way, the songs. */
export function createEntitlement({ stores, loaders, live, aliveEndpoints, log }: EntitlementParts) {
  const { onAccountEvent, onSongEvent } = live.events;
  const slots = createHeldSlots({
    slots: stores.slots,
    aliveEndpoints,
    endpointId: live.endpointId,
    loadEntitlement: entitlementLoader(loaders),
    onAccountEvent,
    isHeldBack: createHoldBack({ clock, elapsedMs: machineUptimeMs }),
    backoff,
    clock,
    log,
    elapsedMs: () => performance.now(),
  });
  const songs = createSongCache({ read: stores.songs.get, onSongEvent });
  return { slots, songs, grants: createStreamGrants({ slots, songs, onSongEvent, log }) };
}

/** The plan of a listener's account, and the name of the device; by one request for those who come together. */
const entitlementLoader =
  (loaders: EntitlementParts["loaders"]): HeldSlotsDeps["loadEntitlement"] =>
  async (listener) => {
    const { session, account } = await sessionAndAccount({ ...loaders, clock }, listener);
    return { plan: account.plan, deviceName: session.deviceName };
  };
