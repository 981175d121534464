/** 245 → "4:05", 3725 → "1:02:05". */
export function clockTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${String(rest).padStart(2, "0")}`;
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** For ears: "4 minutes 5 seconds". */
export function spokenTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  return minutes > 0 ? `${counted(minutes, "minute")} ${counted(rest, "second")}` : counted(rest, "second");
}

export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString()} ${noun}${count === 1 ? "" : "s"}`;

/** "40 seconds", "35 minutes", "1 h 5 min": how long a list plays. */
export function spokenLength(seconds: number): string {
  if (seconds < 60) return counted(Math.round(seconds), "second");
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? counted(minutes, "minute") : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const dates = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
export const dateTime = (iso: string): string => dates.format(new Date(iso));

/** The class of a heading: what is longer than a few lines is set smaller. */
export const headingSize = (text: string): "" | "long" => (text.length > 60 ? "long" : "");
