{
  title: 'My ERP', # grüezi
}
