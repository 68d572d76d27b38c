import{a,b}from"./shared-4SF67KCK.js";export{a as Refused,b as store};
