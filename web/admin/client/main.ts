import { offerCopies } from './copy.js';
import { followLog } from './live.js';
import { openEntries } from './opener.js';
import { pollParts } from './poll.js';
import { useLocalFields } from './time-fields.js';
import { useLocalTimes } from './times.js';

// The pages work without script: each of these improves one thing.
useLocalTimes(document);
useLocalFields();
openEntries();
offerCopies();
followLog();
pollParts();
