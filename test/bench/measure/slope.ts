/** How much y grows with x: the line of least squares through the points. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((total, point) => total + of(point), 0) / points.length
  const [x, y] = [mean(point => point[0]), mean(point => point[1])]
  const above = points.reduce((total, point) => total + (point[0] - x) * (point[1] - y), 0)
  return above / points.reduce((total, point) => total + (point[0] - x) ** 2, 0)
}
