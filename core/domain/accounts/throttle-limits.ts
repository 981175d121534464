/** So many tries in each window of so many seconds. */
export type TryLimit = { readonly tries: number; readonly windowSeconds: number };
/** So many a second in the long run, and so many at once. */
export type Rate = { readonly perSecond: number; readonly burst: number };

export type ThrottleLimits = {
  /** Wrong passwords for one account from one network; someone else's tries do not lock the owner out. */
  readonly accountFromNetwork: TryLimit;
  /** Wrong passwords for one account from anywhere (NIST SP 800-63B §3.2.2: at most 100). */
  readonly account: TryLimit;
  /** Wrong passwords for one account from one device that signed in to it before, in place of all the others. */
  readonly device: TryLimit;
  /** Wrong passwords from one network, whatever the account. */
  readonly network: TryLimit;
  /** Right passwords for one account, and from one network: each costs a hash and a session. */
  readonly signIns: TryLimit;
  readonly networkSignIns: TryLimit;
  /** Accounts opened from one network. */
  readonly register: TryLimit;
  /** Requests of one user, and of one network by nobody who is signed in; each function counts its own. */
  readonly user: Rate;
  readonly stranger: Rate;
  /** One-time tickets of one user. */
  readonly tickets: Rate;
};

export const throttleLimits = (scale = 1): ThrottleLimits => ({
  accountFromNetwork: { tries: 10 * scale, windowSeconds: 900 },
  account: { tries: 100 * scale, windowSeconds: 3_600 },
  device: { tries: 10 * scale, windowSeconds: 900 },
  network: { tries: 100 * scale, windowSeconds: 900 },
  signIns: { tries: 60 * scale, windowSeconds: 900 },
  networkSignIns: { tries: 600 * scale, windowSeconds: 900 },
  register: { tries: 300 * scale, windowSeconds: 3_600 },
  user: { perSecond: 100 * scale, burst: 500 * scale },
  stranger: { perSecond: 50 * scale, burst: 300 * scale },
  tickets: { perSecond: 0.5 * scale, burst: 30 * scale },
});
