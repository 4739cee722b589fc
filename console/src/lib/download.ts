// Files that are kept on the person's computer.

/** Saves text or bytes as a file on the person's computer. */
export function saveAs(name: string, type: string, parts: BlobPart[]): void {
    const url = URL.createObjectURL(new Blob(parts, { type }));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The name that an answer gives to what it holds, from its `Content-Disposition`. */
export function nameIn(disposition: string | null): string | undefined {
    // The second form has all signs; the first only those that every client can read.
    const exact = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1];
    if (exact === undefined) return /filename="?([^";]+)/i.exec(disposition ?? '')?.[1];
    try {
        return decodeURIComponent(exact);
    } catch {
        return undefined;
    }
}
