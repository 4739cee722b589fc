// A limit in words.

import { number } from '../../lib/format';
import { PERIODS, whatOf, whoseOf, type LimitRow } from './limit';
import { t } from './texts';

/** Whose calls of what. */
export function counted(limit: LimitRow): string {
    const whose = t(`word-${whoseOf(limit.type)}`, {
        user: limit.user_by_user_id?.name ?? limit.user_by_user_id?.email ?? `#${limit.user_id}`,
        role: limit.role_by_role_id?.name ?? `#${limit.role_id}`,
    });
    const what = t(`of-${whatOf(limit.type)}`, { service: limit.service_by_service_id?.name ?? `#${limit.service_id}`, endpoint: limit.endpoint ?? '' });
    return t('sentence', { whose, what: limit.verb ? t('with-verb', { what, verb: limit.verb }) : what });
}

/** How many calls in which time. */
export function pace(rate: number, period: string): string {
    const known = PERIODS.find((one) => one === period);
    return t('per', { rate: number(rate), period: known ? t(`period-${known}`) : period });
}
