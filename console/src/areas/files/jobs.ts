// What can be done with files and folders, as entries of menus.

import type { Entry as MenuEntry } from '../../components/Menu.svelte';
import { copyText } from '../../lib/clipboard';
import { t as common } from '../../lib/texts';
import { toasts } from '../../lib/toasts.svelte';
import { isPublic, type Entry } from './paths';
import { apiUrl, publicUrl, readingCurl } from './storage';
import { t } from './texts';

/** Something that a dialog asks about before it is done. */
export interface Job {
    kind: 'rename' | 'move' | 'copy' | 'delete';
    entries: Entry[];
}

interface Possible {
    publicPaths: string[];
    begin: (job: Job) => void;
    download: (path: string) => void;
}

/** The first field of a dialog's form takes the focus when it opens, before its buttons. To be put on the form. */
export function beginHere(form: HTMLFormElement) {
    const field = form.querySelector('input');
    if (field) field.autofocus = true;
}

/** Copies a text and says so. */
export async function copied(text: string, said: string): Promise<void> {
    if (await copyText(text)) toasts.success(said);
    else toasts.error(common('copy-failed'));
}

/** The actions on one entry of a service. A service's root can only be read. */
export function actionsOn(service: string, entry: Entry, { publicPaths, begin, download }: Possible): MenuEntry[] {
    const entries = [entry];
    const isRoot = entry.path === '';
    const reading: MenuEntry[] = [
        { label: entry.type === 'folder' ? t('download-zip') : t('download'), icon: 'download', run: () => download(entry.path), testid: 'action-download' },
    ];
    const changing: MenuEntry[] = [
        { label: t('rename'), icon: 'edit', run: () => begin({ kind: 'rename', entries }), testid: 'action-rename' },
        { label: t('move'), icon: 'folder', run: () => begin({ kind: 'move', entries }), testid: 'action-move' },
        { label: t('copy'), icon: 'copy', run: () => begin({ kind: 'copy', entries }), testid: 'action-copy' },
    ];
    const telling: MenuEntry[] = [
        { label: t('copy-url'), icon: 'link', run: () => void apiUrl(service, entry.path).then((url) => copied(url, t('address-copied'))), testid: 'action-copy-url' },
        ...(entry.type === 'file' && isPublic(entry.path, publicPaths)
            ? [{ label: t('copy-public'), icon: 'globe' as const, run: () => void copied(publicUrl(service, entry.path), t('address-copied')), testid: 'action-copy-public' }]
            : []),
        { label: t('copy-curl'), icon: 'code', run: () => void readingCurl(service, entry.path).then((line) => copied(line, t('curl-copied'))), testid: 'action-copy-curl' },
    ];
    const removing: MenuEntry = { label: common('delete'), icon: 'trash', danger: true, run: () => begin({ kind: 'delete', entries }), testid: 'action-delete' };
    return isRoot ? [...reading, ...telling] : [...reading, ...changing, ...telling, removing];
}
