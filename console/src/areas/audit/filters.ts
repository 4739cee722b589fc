// The filters of the audit, from the address.

import { quoted } from '../../lib/api';

export const PARAMETERS = ['kind', 'action', 'resource', 'record'] as const;
export const KINDS = ['change', 'refusal'] as const;
export const ACTIONS = ['create', 'update', 'delete'] as const;

/** The conditions that the address names; what makes no sense there is ignored. */
export function conditions(query: URLSearchParams): string[] {
    const kind = KINDS.find((one) => one === query.get('kind'));
    const action = ACTIONS.find((one) => one === query.get('action'));
    const resource = query.get('resource');
    const record = query.get('record')?.trim();
    return [
        ...(kind ? [`kind = ${quoted(kind)}`] : []),
        ...(action ? [`action = ${quoted(action)}`] : []),
        ...(resource ? [`resource = ${quoted(resource)}`] : []),
        ...(record ? [`record_id = ${quoted(record)}`] : []),
    ];
}
