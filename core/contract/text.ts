import * as Type from "typebox";

/**
 * Characters that no text of Encore holds: controls (Cc), separators of lines and paragraphs, and those that turn the
 * direction of what stands around them (`Bidi_Control`). Joiners (U+200C, U+200D) are part of Persian and of emoji, and
 * stay. Written as ranges, since a schema is read by other engines too, and not all know Unicode's properties.
 */
const refused = "\\u0000-\\u001F\\u007F-\\u009F\\u061C\\u200E\\u200F\\u2028-\\u202E\\u2066-\\u2069";

/** Blanks and characters that show nothing of their own (`White_Space`, `Default_Ignorable_Code_Point`, U+2800). */
const invisible =
  " \\u00A0\\u00AD\\u034F\\u115F\\u1160\\u1680\\u17B4\\u17B5\\u180B-\\u180F\\u2000-\\u200D\\u202F\\u205F-\\u2065" +
  "\\u206A-\\u206F\\u2800\\u3000\\u3164\\uFE00-\\uFE0F\\uFEFF\\uFFA0\\uFFF0-\\uFFF8";

/**
 * Visible text: none of the refused characters, and at least one that can be seen. Only what cannot be seen may stand
 * before that one, so that no text is tried at more than one place: it may be as long as a body, from anybody.
 */
export const textPattern = `^[${invisible}]*[^${refused}${invisible}][^${refused}]*$`;

/** An address, without what text must not hold either; blanks around it are taken off. */
export const emailPattern = `^ *[^\\s@${refused}]+@[^\\s@${refused}]+ *$`;

/** What `textPattern` asks for, in words that follow the name of a field. */
export const textRule =
  "must be visible text without control characters or characters that change its direction";

/** Text that people read. `maxLength` counts code points, as JSON Schema does: an emoji may have several. */
export const Text = (maxLength: number, options: { description?: string } = {}) =>
  Type.String({ minLength: 1, maxLength, pattern: textPattern, ...options });
