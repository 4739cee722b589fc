// What was dropped on the page or picked: files, and folders with what is in them.

export interface Picked {
    file: File;
    /** The folder that it comes from, with a slash at the end; empty for a single file. */
    folder: string;
}

/** Files of an input; those of a picked folder tell where they are in it. */
export function picked(files: FileList | null): Picked[] {
    return [...(files ?? [])].map((file) => ({ file, folder: file.webkitRelativePath.slice(0, file.webkitRelativePath.lastIndexOf('/') + 1) }));
}

/** What a drop brings. It must be asked for before anything is awaited: then it is gone. */
export async function dropped(data: DataTransfer): Promise<Picked[]> {
    const items = [...data.items].filter(({ kind }) => kind === 'file');
    const given = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
    const found = given.map(({ entry, file }) => (entry?.isDirectory ? filesIn(entry, '') : file ? [{ file, folder: '' }] : []));
    return (await Promise.all(found)).flat();
}

async function filesIn(entry: FileSystemEntry, folder: string): Promise<Picked[]> {
    if (entry instanceof FileSystemFileEntry) {
        const file = await new Promise<File>((done, failed) => entry.file(done, failed));
        return [{ file, folder }];
    }
    if (!(entry instanceof FileSystemDirectoryEntry)) return [];
    const below = await Promise.all((await children(entry)).map((child) => filesIn(child, `${folder}${entry.name}/`)));
    return below.flat();
}

/** The reader gives them in portions, until one is empty. */
async function children(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
    const reader = directory.createReader();
    const found: FileSystemEntry[] = [];
    for (;;) {
        const portion = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
        if (portion.length === 0) return found;
        found.push(...portion);
    }
}
