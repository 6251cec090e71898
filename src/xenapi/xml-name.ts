const opening = '<name>';
const closing = '</name>';
const badName = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)|</gi;

const escapeName = (name: string): string => name.replace(badName, (found) => (found === '<' ? '&lt;' : '&amp;'));

/** How many characters at the end of the text could be the beginning of `tag`. */
function partial(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (tag.startsWith(text.slice(-length))) return length;
  }
  return 0;
}

/**
 * XenAPI escapes the texts of an XML-RPC answer but not the members' names, so that a key `a & b` in other_config
 * makes the whole answer ill-formed. This filter, put before the parser, escapes what stands between <name> and
 * </name>. Texts are given piece by piece; what is held back comes with a later piece or at `end`.
 */
export class NameEscaper {
  #held = '';

  write(piece: string): string {
    const text = this.#held + piece;
    let out = '';
    let from = 0;
    for (;;) {
      const open = text.indexOf(opening, from);
      if (open < 0) {
        const keep = partial(text.slice(from), opening);
        this.#held = text.slice(text.length - keep);
        return out + text.slice(from, text.length - keep);
      }
      const close = text.indexOf(closing, open);
      if (close < 0) {
        this.#held = text.slice(open);
        return out + text.slice(from, open);
      }
      const start = open + opening.length;
      const name = text.slice(start, close);
      out += text.slice(from, start) + (name.includes('&') || name.includes('<') ? escapeName(name) : name);
      from = close;
    }
  }

  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }
}
