// Putting text into the clipboard.

/** Copies a text; false where the browser does not let a page do so. */
export async function copyText(text: string): Promise<boolean> {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        return copyByCommand(text);
    }
}

// The clipboard is there on secure origins only; a console inside a network is often served without TLS.
function copyByCommand(text: string): boolean {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand('copy');
    area.remove();
    return copied;
}
