/** Whether a text can name a publication: segments between slashes, none of them empty, `.` or `..`, and no query. */
export function isPublicationName(name: string): boolean {
  let segment = ''
  for (let at = 0; at <= name.length; at++) {
    const unit = name[at] ?? '/'
    if (unit === '/') {
      if (segment === '' || segment === '.' || segment === '..') return false
      segment = ''
    } else if (unit < ' ' || unit === '\u007f' || unit === '\\' || unit === '?') return false
    else segment += unit
  }
  return true
}
