import { toErrorMessage } from '../../services/runtime/errors';

test('an error without a message is told by its code, as where no address of a host answers', () => {
  const refused = Object.assign(new AggregateError([new Error('a'), new Error('b')]), {
    code: 'ECONNREFUSED',
  });
  expect(toErrorMessage(refused)).toBe('ECONNREFUSED');
  expect(toErrorMessage(new Error('why'))).toBe('why');
  expect(toErrorMessage('thrown as it is')).toBe('thrown as it is');
});
