const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/;

/**
 * The moment that a text of the API names, in milliseconds since 1970; undefined when it is none.
 *
 * Kubernetes writes and reads RFC 3339 (`metav1.Time`), as Go does: a capital T and Z, offsets with hours and minutes.
 * `Date.parse` takes other forms as well, and of some of them makes NaN.
 */
export function timeOf(text: string): number | undefined {
  const found = RFC3339.exec(text);
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const [, , , , , , , fraction = "", sign = "+", hours = "0", minutes = "0"] = found;
  const start = Date.UTC(year, month - 1, day);
  const date = new Date(start);
  // A year below 100 would be one of the last century, and a day that its month has not is one of another month.
  const isDate = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1;
  const isTime = hour < 24 && minute < 60 && second < 60 && Number(hours) < 24 && Number(minutes) < 60;
  if (!isDate || !isTime) return undefined;
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  return start + ((hour * 60 + minute - offset) * 60 + second) * 1000 + Number(`0${fraction}`) * 1000;
}
