import { afterEach, describe, expect, it } from 'vitest';
import { isDark, themed } from '../../../src/ui/charts/theme';

const theme = { text: 'white', strong: '#fff', muted: 'silver', grid: '#333', surface: 'black', font: 'sans' };

describe('themed', () => {
  it('colours text, grid and background, also of further axes', () => {
    const layout = themed({ xaxis2: { title: { text: 'step' } }, font: { size: 13 } }, theme, 900, 300);
    expect(layout.font).toEqual({ size: 13, color: 'white', family: 'sans' });
    expect(layout.paper_bgcolor).toBe('rgba(0,0,0,0)');
    for (const axis of ['xaxis', 'yaxis', 'xaxis2']) expect(layout[axis]).toMatchObject({ gridcolor: '#333' });
    expect(layout.xaxis2).toMatchObject({ title: { text: 'step' } });
  });

  it('keeps what the template says about axes', () => {
    const layout = themed({ xaxis: { type: 'log', exponentformat: 'e', showgrid: false } }, theme, 900, 300);
    expect(layout.xaxis).toMatchObject({ type: 'log', exponentformat: 'e', showgrid: false });
  });

  it('asks for few ticks where there is little room, unless the template says how many', () => {
    expect(themed({ xaxis: { type: 'log' } }, theme, 360, 300).xaxis).toMatchObject({ nticks: 4 });
    expect(themed({ xaxis: { nticks: 9 } }, theme, 360, 300).xaxis).toMatchObject({ nticks: 9 });
    expect(themed({ xaxis: { type: 'log' } }, theme, 900, 300).xaxis).toMatchObject({ nticks: 5 });
    expect(themed({ xaxis: { type: 'linear' } }, theme, 900, 300).xaxis).not.toHaveProperty('nticks');
  });

  it('leaves the template as it was', () => {
    const layout = { xaxis: { type: 'log' } };
    themed(layout, theme, 900, 300);
    expect(layout).toEqual({ xaxis: { type: 'log' } });
  });
});

describe('isDark', () => {
  afterEach(() => {
    document.body.removeAttribute('data-jp-theme-light');
    document.body.className = '';
    document.documentElement.removeAttribute('theme');
    document.documentElement.removeAttribute('style');
  });

  it('believes JupyterLab before the colour scheme', () => {
    document.documentElement.style.colorScheme = 'dark';
    expect(isDark()).toBe(true);
    document.body.dataset.jpThemeLight = 'true';
    expect(isDark()).toBe(false);
    document.body.dataset.jpThemeLight = 'false';
    expect(isDark()).toBe(true);
  });

  it('knows the themes of VS Code, of which the light one with a high contrast has both names', () => {
    expect(isDark()).toBe(false);
    document.body.className = 'vscode-high-contrast';
    expect(isDark()).toBe(true);
    document.body.className = 'vscode-high-contrast vscode-high-contrast-light';
    expect(isDark()).toBe(false);
  });

  it("knows Colab's dark theme", () => {
    document.documentElement.setAttribute('theme', 'dark');
    expect(isDark()).toBe(true);
  });
});
