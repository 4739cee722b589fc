import { catalogue } from '../../lib/messages';

export const t = catalogue({
    'title': 'Cache',
    'text': 'What the server remembers of services, such as the tables of a database. Emptying it makes the next call read anew; no data is lost.',
    'flush': 'Empty',
    'flush-one': 'Empty the cache of {name}',
    'flush-all': 'Empty everything',
    'flush-all-title': 'Empty the cache of every service?',
    'flush-all-text': 'The next call of each service takes longer. No data is lost.',
    'flushed': 'The cache of {name} was emptied.',
    'flushed-all': 'The whole cache was emptied.',
    'flushed-at': 'emptied at {time}',
    'empty-title': 'Nothing to empty',
    'empty-text': 'Services that keep something in memory appear here.',
});
