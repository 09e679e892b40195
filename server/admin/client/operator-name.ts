import { userInfo } from 'node:os'

/** Who types, in words for the audit log: behind sudo there is somebody. */
export function operatorName(): string {
  const behind = process.env.SUDO_USER
  try {
    const { username } = userInfo()
    return behind ? `${behind} as ${username}` : username
  } catch {
    // A container's user may have no name.
    return `uid ${process.getuid?.() ?? '?'}`
  }
}
