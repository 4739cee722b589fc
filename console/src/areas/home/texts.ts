import { catalogue } from '../../lib/messages';

export const t = catalogue({ title: 'Home' });
