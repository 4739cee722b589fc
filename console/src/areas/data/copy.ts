import { address, whoAnswers } from '../../lib/api';
import { curl } from '../../lib/calls.svelte';
import { copyText } from '../../lib/clipboard';
import { toasts } from '../../lib/toasts.svelte';
import { t as common } from '../../lib/texts';
import { t } from './texts';
import { recordsQuery, type View } from './view';

/** Copies the call that reads the rows of a view, as a line for a shell. */
export async function copyCall(path: string, view: View): Promise<void> {
    const { api } = await whoAnswers();
    const query = { ...recordsQuery(view), include_schema: undefined, fields: view.fields.join(',') };
    const copied = await copyText(curl({ verb: 'GET', url: address(api, path, query) }));
    if (copied) toasts.success(t('copied-curl'));
    else toasts.error(common('copy-failed'));
}
