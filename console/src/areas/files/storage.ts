// What the screens ask of a file service.

import { ApiError, address, api, file, send, whoAnswers, type Listed } from '../../lib/api';
import { curl } from '../../lib/calls.svelte';
import { offer, type ServiceEntry } from '../../lib/offer.svelte';
import { configOf } from '../../lib/schema';
import { typeOf } from './kinds';
import { apiPath, isFolder, nameOf, publicPath, type Entry } from './paths';

/** The services that hold files. */
export function fileServices(): ServiceEntry[] {
    return offer.inGroup('File');
}

/** What a folder holds; with a text, what is called so in it and, when `deep`, in the folders below. */
export async function listing(service: string, folder: string, { search = '', deep = false }: { search?: string; deep?: boolean }, signal: AbortSignal): Promise<Entry[]> {
    const query = search === '' ? {} : { search, full_tree: deep };
    return (await api.get<Listed<Entry>>(apiPath(service, folder), query, { signal })).resource;
}

export async function foldersIn(service: string, folder: string, signal: AbortSignal): Promise<Entry[]> {
    const { resource } = await api.get<Listed<Entry>>(apiPath(service, folder), { include_files: false }, { signal });
    return resource.filter(({ type }) => type === 'folder');
}

/** How many files and folders are in these, and in what is in them. */
export async function countIn(service: string, entries: Entry[], signal: AbortSignal): Promise<{ files: number; folders: number }> {
    const folders = entries.filter(({ type }) => type === 'folder');
    const lists = await Promise.all(folders.map(({ path }) => api.get<Listed<string>>(apiPath(service, path), { full_tree: true, as_list: true }, { signal })));
    const paths = lists.flatMap(({ resource }) => resource);
    const inside = paths.filter(isFolder).length;
    return { files: paths.length - inside, folders: inside };
}

/** What is told of one file. */
export async function properties(service: string, path: string, signal?: AbortSignal): Promise<Entry> {
    const told = await api.get<Entry>(apiPath(service, path), { include_properties: true }, signal ? { signal } : {});
    return { ...told, path, name: nameOf(path), type: 'file' };
}

export async function content(service: string, path: string, signal?: AbortSignal): Promise<Blob> {
    return (await file({ verb: 'GET', path: apiPath(service, path), headers: { accept: '*/*' }, ...(signal ? { signal } : {}) })).blob;
}

export function makeFolder(service: string, path: string): Promise<unknown> {
    return send({ verb: 'POST', path: apiPath(service, path) });
}

/** Makes a folder unless it is there. */
export async function ensureFolder(service: string, parent: string, name: string): Promise<void> {
    const [outcome] = outcomes(await api.post<Answered>(apiPath(service, parent), { resource: [{ name, type: 'folder' }] }));
    if (outcome?.error && !EXISTS.test(outcome.error)) throw new Error(outcome.error);
}

/** Puts a file there. Without `replace` it is refused where there is one; see [`isTaken`]. */
export function put(
    service: string,
    path: string,
    body: Blob,
    { replace, signal, progress }: { replace: boolean; signal?: AbortSignal; progress?: (sent: number) => void },
): Promise<unknown> {
    const type = body.type || typeOf(nameOf(path));
    return send({
        verb: 'POST',
        path: apiPath(service, path),
        query: replace ? {} : { check_exist: true },
        body,
        headers: { 'content-type': type },
        ...(signal ? { signal } : {}),
        ...(progress ? { progress } : {}),
    });
}

const EXISTS = /already exists/i;

/** Whether something was refused because there is a file or folder of that name. */
export function isTaken(problem: unknown): boolean {
    return problem instanceof ApiError && (problem.status === 409 || EXISTS.test(problem.message));
}

/** What became of each of several files or folders. */
export interface Outcome {
    name: string;
    error: string | undefined;
}

type Answered = Listed<{ name?: string | null; path?: string | null; error?: { message: string } }>;

function outcomes({ resource }: Answered): Outcome[] {
    return resource.map(({ name, path, error }) => ({ name: name ?? nameOf(path ?? ''), error: error?.message }));
}

/** Copies or moves entries into a folder, each under the name given for it. */
export async function transfer(service: string, folder: string, entries: { entry: Entry; name: string }[], { move }: { move: boolean }): Promise<Outcome[]> {
    const resource = entries.map(({ entry, name }) => ({ name, type: entry.type, source_path: entry.path, ...(move ? { delete_source: true } : {}) }));
    return outcomes(await api.post<Answered>(apiPath(service, folder), { resource }));
}

/** Deletes entries; folders that hold something only with `force`. */
export async function remove(service: string, entries: Entry[], { force }: { force: boolean }): Promise<Outcome[]> {
    const resource = entries.map(({ path, type }) => ({ path, type }));
    return outcomes(await api.remove<Answered>(apiPath(service, ''), force ? { force } : {}, { body: { resource } }));
}

/** The paths of a service that are given to everybody; none where this person may not know. */
export async function publicPaths(service: string, signal: AbortSignal): Promise<string[]> {
    const id = fileServices().find(({ name }) => name === service)?.id;
    if (id === undefined || !offer.may('GET', 'service')) return [];
    const { config } = await api.get<{ config: unknown }>(`system/service/${id}`, undefined, { signal });
    const { public_path } = configOf(config);
    return Array.isArray(public_path) ? public_path.filter((one) => typeof one === 'string') : [];
}

/** The address of a file or folder for callers of the API. */
export async function apiUrl(service: string, path: string): Promise<string> {
    return location.origin + address((await whoAnswers()).api, apiPath(service, path));
}

/** The address of a public file for everybody. */
export function publicUrl(service: string, path: string): string {
    return location.origin + publicPath(service, path);
}

/** The call that reads a file or lists a folder, as a line for a shell. */
export async function readingCurl(service: string, path: string): Promise<string> {
    return curl({ verb: 'GET', url: address((await whoAnswers()).api, apiPath(service, path)) });
}
