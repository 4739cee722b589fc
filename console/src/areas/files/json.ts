// JSON with a member on each line. Numbers and texts stay as they are written, digit by digit.

/** The text laid out anew; nothing where it is no JSON. */
export function laidOut(text: string): string | undefined {
    try {
        JSON.parse(text);
    } catch {
        return undefined;
    }
    const tokens = text.match(/"(?:\\.|[^"\\])*"|[{}[\]:,]|[^\s{}[\]:,"]+/g) ?? [];
    let depth = 0;
    let out = '';
    const line = () => `\n${'  '.repeat(depth)}`;
    for (const [index, token] of tokens.entries()) {
        if (token === '{' || token === '[') {
            depth += 1;
            const isEmpty = tokens[index + 1] === '}' || tokens[index + 1] === ']';
            out += isEmpty ? token : token + line();
        } else if (token === '}' || token === ']') {
            depth -= 1;
            const isEmpty = tokens[index - 1] === '{' || tokens[index - 1] === '[';
            out += isEmpty ? token : line() + token;
        } else if (token === ',') out += token + line();
        else out += token === ':' ? ': ' : token;
    }
    return `${out}\n`;
}
