const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const day = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const longDay = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day";
const month = `(?<month>${months.join("|")})`;
const time = "(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})";

const formats = [
  new RegExp(`^${day}, (?<date>\\d{2}) ${month} (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^${longDay}, (?<date>\\d{2})-${month}-(?<year>\\d{2}) ${time} GMT$`),
  new RegExp(`^${day} ${month} (?<date>\\d{2}| \\d) ${time} (?<year>\\d{4})$`),
];

/**
 * An HTTP-date in any of the three formats that a recipient must accept (RFC 9110 section 5.6.7), as milliseconds
 * since the epoch; undefined for anything else, which a recipient must ignore.
 */
export function parseHttpDate(text: string, now: Date): number | undefined {
  for (const format of formats) {
    const fields = format.exec(text)?.groups;
    if (fields) return toTime(fields, now);
  }
  return undefined;
}

function toTime(fields: Record<string, string | undefined>, now: Date): number | undefined {
  const date = Number(fields.date);
  const hour = Number(fields.hour);
  const minute = Number(fields.minute);
  const second = Number(fields.second);
  const monthIndex = months.indexOf(fields.month ?? "");
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const year = fullYear(fields.year ?? "", now);
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, monthIndex, date);
  if (midnight.getUTCMonth() !== monthIndex || midnight.getUTCDate() !== date) return undefined;
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
}

/** Two digits that seem more than 50 years ahead mean the century before (RFC 9110 section 5.6.7). */
function fullYear(digits: string, now: Date): number {
  if (digits.length === 4) return Number(digits);
  const thisYear = now.getUTCFullYear();
  const year = thisYear - (thisYear % 100) + Number(digits);
  return year > thisYear + 50 ? year - 100 : year;
}

/** A time (ISO 8601) as precisely as HTTP tells it: in whole seconds, as milliseconds since the epoch. */
export const toHttpSecond = (iso: string): number => Math.floor(Date.parse(iso) / 1000) * 1000;
