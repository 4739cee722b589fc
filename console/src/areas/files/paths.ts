// Paths of a file service, as its API writes them: relative to the root of the service, folders with a slash at the end,
// the root itself empty. The pages of the console have the same paths below their own.

import { segment } from '../../lib/api';
import { language } from '../../lib/messages';
import { t } from './texts';

/** A file or a folder as a listing tells it. */
export interface Entry {
    path: string;
    name: string;
    type: 'file' | 'folder';
    content_type?: string | null;
    content_length?: number | null;
    last_modified?: string | null;
}

export function isFolder(path: string): boolean {
    return path === '' || path.endsWith('/');
}

/** The last part, without a slash; of the root nothing. */
export function nameOf(path: string): string {
    return path.replace(/\/$/, '').split('/').at(-1) ?? '';
}

/** The folder that it is in. */
export function parentOf(path: string): string {
    return path.slice(0, path.replace(/\/$/, '').lastIndexOf('/') + 1);
}

/** The folders on the way to it, outermost first, without the root and without itself. */
export function foldersAbove(path: string): string[] {
    const parent = parentOf(path);
    return parent === '' ? [] : [...foldersAbove(parent), parent];
}

function encoded(path: string): string {
    return path.split('/').map(segment).join('/');
}

/** Below the API. */
export function apiPath(service: string, path: string): string {
    return `${segment(service)}/${encoded(path)}`;
}

/** The page of the console about it. At `/files/…` are public files of the service of that name. */
export function pageOf(service: string, path: string): string {
    return `/browse/${segment(service)}/${encoded(path)}`;
}

/** The pages above it, for its heading. */
export function trail(service: string, path: string): { href: string; label: string }[] {
    const above = path === '' ? [] : ['', ...foldersAbove(path)];
    return [{ href: '/browse', label: t('title') }, ...above.map((one) => ({ href: pageOf(service, one), label: nameOf(one) || service }))];
}

/** Below the root of the server, where public files are. */
export function publicPath(service: string, path: string): string {
    return `/${segment(service)}/${encoded(path)}`;
}

/** Whether a file is given to everybody: it is one of the public paths or below one. A slash alone stands for all files. */
export function isPublic(path: string, publicPaths: string[]): boolean {
    return publicPaths.some((one) => {
        const open = one.trim().replace(/^\//, '').replace(/\/$/, '');
        if (open === '') return one.trim() !== '';
        return path === open || path.startsWith(`${open}/`);
    });
}

export type NameProblem = 'empty' | 'slash' | 'dots';

/** What is wrong with the name of a file or folder. */
export function nameProblem(name: string): NameProblem | undefined {
    if (name.trim() === '') return 'empty';
    if (/[/\\]/.test(name)) return 'slash';
    return name === '.' || name === '..' ? 'dots' : undefined;
}

/** The name with a number before its extension: `a.txt` becomes `a (2).txt`. */
export function numbered(name: string, number: number): string {
    const dot = name.lastIndexOf('.');
    return dot > 0 ? `${name.slice(0, dot)} (${number})${name.slice(dot)}` : `${name} (${number})`;
}

export type SortKey = 'name' | 'size' | 'type' | 'modified';

/** Folders first, then by the key (`-` before it: descending), then by name. */
export function sorted(entries: Entry[], sort: string): Entry[] {
    const key = sort.replace(/^-/, '') as SortKey;
    const sign = sort.startsWith('-') ? -1 : 1;
    const names = new Intl.Collator(language(), { numeric: true });
    const time = ({ last_modified }: Entry) => (last_modified ? Date.parse(last_modified) || 0 : 0);
    const by: Record<SortKey, (a: Entry, b: Entry) => number> = {
        name: (a, b) => names.compare(a.path, b.path),
        size: (a, b) => (a.content_length ?? 0) - (b.content_length ?? 0),
        type: (a, b) => names.compare(a.content_type ?? '', b.content_type ?? ''),
        modified: (a, b) => time(a) - time(b),
    };
    const compare = by[key] ?? by.name;
    return entries.toSorted((a, b) => {
        if (a.type !== b.type) return a.type === 'folder' ? -1 : 1;
        return sign * compare(a, b) || names.compare(a.path, b.path);
    });
}
