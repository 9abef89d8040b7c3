import { describe, expect, it } from 'vitest';
import { completionsAt } from '../../src/cell/completions';
import { OPTIONS } from '../../src/cell/reference';

const BODY = `
lr: Float(1e-4, 1e-1, log=True) = 1e-2
width = Int(1, 9)
for step in range(3):
    report(step, accuracy=f(lr, width=2), latency=0.1, fold=1)
    if lr > 1: jt.report(
        spread=1
    )
`;

/** The completions at the | of the line. */
function at(line: string, body = BODY): { names: string[]; replaced: string } | null {
  const offset = line.indexOf('|');
  const text = line.replace('|', '') + body;
  const found = completionsAt(text, offset);
  return found && { names: found.items.map(({ insert }) => insert), replaced: text.slice(found.from, offset) };
}

describe('completions on the magic line', () => {
  it('are the options, each with its help', () => {
    expect(at('%%tune |')?.names).toEqual(OPTIONS.map(({ flag }) => flag));
    expect(at('%%tune -|')).toEqual({ names: OPTIONS.map(({ flag }) => flag), replaced: '-' });
    expect(at('%%tune --wait --pa|')).toEqual({ names: ['--patience'], replaced: '--pa' });
    expect(at('%%tune steps|')).toEqual({ names: ['--min-steps', '--max-steps'], replaced: 'steps' });
    const found = completionsAt('%%tune --', 9)?.items.find(({ insert }) => insert === '--patience');
    expect(found?.spelling).toBe('--patience N[,X%]');
    expect(found?.help).toContain('without improvement');
  });

  it('are without the options that are given already, unless they may be given again', () => {
    const names = at('%%tune --maximize accuracy -n 3 --| --wait')?.names ?? [];
    expect(names).not.toContain('--trials');
    expect(names).not.toContain('--wait');
    expect(names).toContain('--maximize');
    // the one that is being written is not given
    expect(at('%%tune --wait|')?.names).toContain('--wait');
  });

  it('are samplers and pruners behind their option', () => {
    expect(at('%%tune --sampler |')?.names).toContain('sobol');
    expect(at('%%tune --pruner=hy|')).toEqual({ names: ['hyperband'], replaced: 'hy' });
    expect(at('%%tune --pruner |')?.names).toContain('hyperband');
  });

  it('are the metrics that the cell reports', () => {
    expect(at('%%tune --maximize |')).toEqual({ names: ['accuracy', 'latency', 'spread'], replaced: '' });
    expect(at("%%tune --minimize 'la|")).toEqual({ names: ['latency'], replaced: 'la' });
    expect(at('%%tune --maximize accuracy --metric |')?.names).toEqual(['accuracy']);
    expect(at('%%tune --maximize |', '\nlr: Float(0, 1)\nscore = lr * 2\nscore = 3')?.names).toEqual(['score']);
  });

  it('are parameters and metrics in a constraint', () => {
    const names = ['lr', 'width', 'accuracy', 'latency', 'spread'];
    expect(at("%%tune --subject-to '|")).toEqual({ names, replaced: '' });
    expect(at("%%tune --subject-to 'latency * w| < 3' --wait")).toEqual({ names: ['width'], replaced: 'w' });
    expect(at("%%tune --subject-to 'latency < 3'|")).toBeNull();
  });

  it('are parameters between the braces of a command', () => {
    const found = at("%%tune --command 'python train.py --lr {|");
    expect(found?.names.slice(0, 2)).toEqual(['lr', 'width']);
    expect(found?.names).toContain('trial.folder');
    expect(at("%%tune --command 'python train.py --lr {l|")).toEqual({ names: ['lr'], replaced: 'l' });
    expect(at("%%tune --command 'python {{l|")).toBeNull();
    expect(at("%%tune --command 'python tr|")).toBeNull();
  });

  it.each(['%%tu|', '%%tune|', '%%tune --trials |', '%%tune --name my|', '%%tune # --|', '%%timeit --|', 'x = 1 --|'])(
    'are none at %s',
    line => {
      expect(at(line)).toBeNull();
    }
  );

  it('are none in the body', () => {
    const text = `%%tune --wait${BODY}`;
    expect(completionsAt(text, text.indexOf('report') + 3)).toBeNull();
  });
});
