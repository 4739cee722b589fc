// The events that scripts can be written for, and what a script is called.

import type { Language } from '../../lib/editor';

export interface Script {
    name: string;
    type: string;
    is_active: boolean;
    allow_event_modification: boolean;
    content: string | null;
    config: string | null;
    storage_service_id: number | null;
    storage_path: string | null;
    scm_repository: string | null;
    scm_reference: string | null;
    last_modified_date?: string;
}

/** `GET system/event`: service → resource → events. */
export type EventMap = Record<string, Record<string, { type: string; endpoints: string[]; parameter: Record<string, string[]> | null }>>;

export const STAGES = ['pre_process', 'post_process', '', 'queued'] as const;
export type Stage = (typeof STAGES)[number];

export interface Resource {
    /** Such as `db._table.{table_name}`. */
    name: string;
    endpoints: string[];
    /** A part of the name that may be one thing, and the things that are known. */
    parameter?: { name: string; values: string[] };
}

/** The resources of a service, in the order of the map. */
export function resources(map: EventMap, service: string): Resource[] {
    return Object.entries(map[service] ?? {}).map(([name, { endpoints, parameter }]) => {
        const [first] = Object.entries(parameter ?? {});
        return first && first[1].length > 0 ? { name, endpoints, parameter: { name: first[0], values: first[1] } } : { name, endpoints };
    });
}

/** The name of the script of an event: of any thing, or of one. */
export function scriptName(endpoint: string, stage: Stage, parameter?: { name: string; value: string }): string {
    const base = parameter && parameter.value !== '' ? endpoint.replace(`{${parameter.name}}`, parameter.value) : endpoint;
    return stage === '' ? base : `${base}.${stage}`;
}

/** The verb at the end of an event's name, which is `exceeded` and the like for events that are no calls. */
export function verbOf(endpoint: string): string {
    return endpoint.slice(endpoint.lastIndexOf('.') + 1);
}

/** The stage of a script, by its name. */
export function stageOf(script: string): Stage {
    return STAGES.find((stage) => stage !== '' && script.endsWith(`.${stage}`)) ?? '';
}

/** How many scripts belong to a service. */
export function countOf(scripts: { name: string }[], service: string): number {
    return scripts.filter(({ name }) => name.startsWith(`${service}.`)).length;
}

/** The scripts of a resource: of any thing, and of each one. */
export function scriptsOf<S extends { name: string }>(scripts: S[], resource: Resource): S[] {
    const wanted = resource.endpoints.map(
        (endpoint) => new RegExp(`^${endpoint.split(/\{[^}]+\}/).map(escaped).join('(?:\\{[^}]+\\}|[^.]+)')}(?:\\.(?:pre_process|post_process|queued))?$`),
    );
    return scripts.filter(({ name }) => wanted.some((one) => one.test(name)));
}

function escaped(text: string): string {
    return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** What the editor shows a script type as. */
export function languageOf(type: string): Language {
    if (type.startsWith('python')) return 'python';
    if (type === 'php') return 'php';
    return type === 'nodejs' || type === 'v8js' ? 'javascript' : 'text';
}

/** Names that scripts use, offered while typing. */
export const WORDS = [
    'event', 'platform', 'event.request', 'event.request.method', 'event.request.parameters', 'event.request.headers', 'event.request.payload', 'event.request.content',
    'event.response', 'event.response.status_code', 'event.response.content', 'event.response.content_type', 'event.resource', 'event.stop_propagation',
    'event.setRequest', 'event.setResponse', 'platform.api.get', 'platform.api.post', 'platform.api.put', 'platform.api.patch', 'platform.api.delete', 'platform.session', 'platform.config',
];
