// Files that are made here.

/** Saves text or bytes as a file on the person's computer. */
export function saveAs(name: string, type: string, parts: BlobPart[]): void {
    const url = URL.createObjectURL(new Blob(parts, { type }));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
