export const meta = { name: 'budget-uncaught', description: 'A spent budget that nobody catches ends the script, and says so at the head' }
while (true) await agent('again')
