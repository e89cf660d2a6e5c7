import { type Bar, barChart } from '../src/cli/chart.ts'
import { geometricMean } from './measure.ts'

/** Bars of ratios, the largest first, with their mean and where they were measured. */
export function ratioChart(title: string, bars: readonly Bar[]): string {
  const sorted = [...bars].sort((a, b) => b.value - a.value)
  const mean = geometricMean(sorted.map(({ value }) => value))
  const note = `geometric mean ${mean.toFixed(2)}; Node ${process.versions.node}, ${process.arch}; right of 1 Iris is faster`
  return barChart(title, sorted, note)
}
