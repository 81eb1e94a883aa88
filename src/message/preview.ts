// The first words of a message, as a list of messages shows them (RFC 8970 §3.1: at most 256 characters, decoded, of the text only).

const mostCharacters = 256;
/** Of the text this much is looked at: mostly white space and quotations may stand before the first words. */
const mostLooked = 8 * 1024;
/** Characters that show nothing: newsletters put rows of them behind their first sentence. */
const invisible: RegExp =
  /\u00ad|\u034f|\u061c|\u115f|\u1160|\u17b4|\u17b5|\u180e|[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;

/** White space is joined, quoted lines are left out as long as others are left. */
export function previewOf(text: string): string {
  const looked = text.slice(0, mostLooked);
  const own = looked
    .split('\n')
    .filter((line) => !line.startsWith('>'))
    .join(' ');
  return shorten(clean(own)) || shorten(clean(looked));
}

function clean(text: string): string {
  return text
    .replaceAll(invisible, '')
    .replaceAll(/[\s\u0000-\u001f\u007f]+/g, ' ')
    .trim();
}

/** Cut between characters, not between the halves of one. */
function shorten(text: string): string {
  if (text.length <= mostCharacters) return text;
  let length = 0;
  let characters = 0;
  for (const character of text) {
    if (++characters > mostCharacters) break;
    length += character.length;
  }
  return text.slice(0, length).trimEnd();
}
