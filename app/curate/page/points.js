// Offsets: the record counts code points, JavaScript counts units of UTF-16. They meet here alone.

/** The unit at which a code point of a text begins. */
export const unitOf = (text, point) => {
  let unit = 0;
  for (let n = 0; n < point && unit < text.length; n++) unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
  return unit;
};

/** The code point at which a unit stands; of the second half of a pair, the one after it. */
export const pointOf = (text, unit) => Array.from(text.slice(0, unit)).length;
