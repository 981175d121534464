import type { Static } from "typebox";
import type {
  ChangePasswordInput,
  LoginInput,
  PlanName,
  RegisterInput,
  User,
} from "../../core/contract/accounts.ts";
import type { AccountMessage } from "../../core/contract/live.ts";
import type { Api } from "../api.ts";
import { isSignedOut } from "../failure.ts";
import type { Renewal } from "../renewal.ts";
import { createStore, type Readable, select } from "./store.ts";

export type AuthState =
  | { readonly kind: "unknown" }
  /** Encore could not be asked who is signed in. */
  | { readonly kind: "unreachable"; readonly error: unknown }
  | { readonly kind: "signed-out"; readonly reason?: string }
  | { readonly kind: "signed-in"; readonly user: User };

/**
 * Who is signed in. The tokens themselves are HttpOnly cookies that this code never sees.
 *
 * @param deviceName what the list of devices calls this browser
 * @param onDeleted told when the account is gone, and before it is left
 */
export function createAuthStore(deps: {
  api: Api;
  renewal: Renewal;
  deviceName: string;
  onDeleted?: () => void;
}) {
  const { api, renewal, deviceName } = deps;
  const state = createStore<AuthState>({ kind: "unknown" });
  let stopRenewing = () => {};

  function enter(user: User): void {
    state.set({ kind: "signed-in", user });
    stopRenewing();
    stopRenewing = renewal.keepFresh();
  }

  function leave(reason?: string): void {
    stopRenewing();
    renewal.forget();
    if (state.get().kind === "signed-out") return;
    state.set(reason === undefined ? { kind: "signed-out" } : { kind: "signed-out", reason });
  }

  /** A browser in which nobody is signed in asks nothing: it is told no session that has "ended". */
  async function restore(): Promise<void> {
    if (!renewal.hasCookie()) return leave();
    try {
      enter(await api.me());
    } catch (error) {
      if (isSignedOut(error)) leave();
      else state.set({ kind: "unreachable", error });
    }
  }

  const updateUser = (change: Partial<User>) =>
    state.update((last) =>
      last.kind === "signed-in" ? { ...last, user: { ...last.user, ...change } } : last,
    );

  async function signIn(signingIn: ReturnType<Api["login"]>): Promise<void> {
    const signedIn = await signingIn;
    renewal.note(signedIn);
    enter(signedIn.user);
  }

  return {
    state: state as Readable<AuthState>,
    user: select(state, (now) => (now.kind === "signed-in" ? now.user : undefined)),
    restore,
    login: (input: LoginInput) => signIn(api.login({ ...input, deviceName })),
    register: (input: RegisterInput) => signIn(api.register({ ...input, deviceName })),
    /** Ends the session at the server, and here whatever the server says. */
    async logout(): Promise<void> {
      await api.logout().catch(() => {});
      leave();
    },
    /** The server ended the session. */
    ended: () => leave("Your session has ended. Sign in again."),
    /** Another tab signed out. */
    leftElsewhere: () => leave(),
    /** The plan was changed, perhaps on another device. */
    accountChanged: ({ plan, entitlements }: Pick<Static<typeof AccountMessage>, "plan" | "entitlements">) =>
      updateUser({ plan, entitlements }),
    changePlan: async (plan: PlanName) => updateUser(await api.changePlan(plan)),
    rename: async (userName: string) => updateUser(await api.rename(userName)),
    changePassword: (input: ChangePasswordInput) => api.changePassword(input),
    async deleteAccount(): Promise<void> {
      await api.deleteAccount();
      deps.onDeleted?.();
      leave("Your account has been deleted.");
    },
  };
}
