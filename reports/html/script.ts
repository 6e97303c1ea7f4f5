/** What the page does besides: a filter of findings, and a finding that an address leads to is opened. */
export const script = `
(() => {
  'use strict'
  const all = [...document.querySelectorAll('.f')]
  const form = document.getElementById('filter')
  const [q, e, hits, open] = ['q', 'e', 'hits', 'open'].map((id) => document.getElementById(id))
  const texts = new Map()
  const textOf = (each) => {
    if (!texts.has(each)) {
      const path = each.parentNode.querySelector('.path').textContent
      texts.set(each, (path + ' ' + each.dataset.r + ' ' + each.firstElementChild.textContent).toLowerCase())
    }
    return texts.get(each)
  }
  const apply = () => {
    const words = q.value.toLowerCase().split(/\\s+/).filter(Boolean)
    let shown = 0
    for (const each of all) {
      const isIn = (e.value === '' || each.dataset.e === e.value) && words.every((word) => textOf(each).includes(word))
      each.toggleAttribute('data-off', !isIn)
      if (isIn) shown++
    }
    for (const file of document.querySelectorAll('.file'))
      file.toggleAttribute('data-off', file.querySelector('.f:not([data-off])') === null)
    hits.textContent = shown + ' of ' + all.length
  }
  const follow = () => {
    const found = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)))
    if (!found || found.tagName !== 'DETAILS') return
    found.open = true
    found.scrollIntoView()
  }
  form.hidden = all.length === 0
  let waiting = 0
  q.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(apply, 120) })
  e.addEventListener('change', apply)
  form.addEventListener('submit', (event) => event.preventDefault())
  open.addEventListener('click', () => {
    const shown = all.filter((each) => !each.hasAttribute('data-off')).slice(0, 500)
    const isOpen = shown.every((each) => each.open)
    for (const each of shown) each.open = !isOpen
  })
  addEventListener('hashchange', follow)
  addEventListener('beforeprint', () => {
    for (const each of document.querySelectorAll('details:not(.f)')) each.open = true
  })
  follow()
})()
`
