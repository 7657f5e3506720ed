const { default: Sequencer } = require('@jest/test-sequencer');

/** The files that take minutes first: begun last, one of them would run on alone, on one core of two. */
class LongFirst extends Sequencer {
  sort(tests) {
    const isLong = ({ path }) => /\.property\./.test(path);
    return [...super.sort(tests)].sort((a, b) => Number(isLong(b)) - Number(isLong(a)));
  }
}

module.exports = LongFirst;
