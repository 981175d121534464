import { networkOf } from "./address.ts";
import type { Budget, ThrottleDeps } from "./throttle.ts";

type Limits = Pick<ThrottleDeps, "limits">;

/**
 * What a stranger's try for an account counts against, narrowest first. Right passwords count as well, or one address
 * that knows one could keep all others waiting.
 */
export const signInBudgets = ({ limits }: Limits, email: string, address: string): Budget[] => {
  const network = networkOf(address);
  return [
    {
      name: `account-network#${email}#${network}`,
      limit: limits.accountFromNetwork,
      counts: "wrong",
    },
    { name: `network#${network}`, limit: limits.network, counts: "wrong" },
    { name: `sign-in-network#${network}`, limit: limits.networkSignIns, counts: "right" },
    { name: `account#${email}`, limit: limits.account, counts: "wrong" },
    { name: `sign-in#${email}`, limit: limits.signIns, counts: "right" },
  ];
};

/**
 * What a device that signed in to the account before counts against: nothing that strangers can use up, wherever they are
 * (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). Right passwords of such devices share a rate, since
 * whoever signs in can make himself more devices.
 * @param device an id that it has shown to be its own
 */
export const deviceBudgets = (
  { limits }: Limits,
  userId: string,
  device: string,
  address: string,
): Budget[] => [
  { name: `device#${userId}#${device}`, limit: limits.device, counts: "wrong" },
  { name: `sign-in-devices#${userId}`, limit: limits.signIns, counts: "right" },
  {
    name: `sign-in-network-devices#${networkOf(address)}`,
    limit: limits.networkSignIns,
    counts: "right",
  },
];

/** Each account that is opened costs a hash, also where the address turns out to be taken. */
export const registerBudgets = ({ limits }: Limits, address: string): Budget[] => [
  { name: `register#${networkOf(address)}`, limit: limits.register, counts: "every" },
];
